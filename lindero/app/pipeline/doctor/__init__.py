"""What is well and what is to be mended: of an installation, a workspace, a map and a map that is served."""
