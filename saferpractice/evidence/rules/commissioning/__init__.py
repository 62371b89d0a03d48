"""What commissioners read: a published quarter, what is said of its numbers, the funnel, the contract."""
