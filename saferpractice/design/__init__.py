"""The NHS design system: layouts, fields, components."""
