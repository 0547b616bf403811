"""One module for each group of endpoints; thin: ask the control plane or published data, shape the answer."""
