"""The endpoints, one file a resource: who may, a call to the control plane or the published reader, an answer."""
