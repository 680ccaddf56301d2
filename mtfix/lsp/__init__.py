"""mtfix in editors: a server for the Language Server Protocol."""
