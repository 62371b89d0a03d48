"""Looks across the loop: my work, one incident whole, the tracker."""
