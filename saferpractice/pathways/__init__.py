"""The practice itself: pathways as data, the engine that reads them, and the library that ships."""
