"""What holds for the whole code: sizes, directions, words, and which test proves which requirement."""
