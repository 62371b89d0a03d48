"""What an evidence pack says, and to whom."""
