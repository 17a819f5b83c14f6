"""How the app is served: who is who, what a browser may do, and several processes as one."""
