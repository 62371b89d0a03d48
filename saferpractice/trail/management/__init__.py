"""What can be started from the command line."""
