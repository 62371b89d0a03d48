"""Whether likeness by words finds what went wrong in the same way, measured on published coroners' reports."""
