"""Who may do what in stage 6, a module for each thing assured."""
