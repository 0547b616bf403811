"""MongoDB as a source: collections, sampled schemas, exact values as text, change streams or polling. Reads only."""
