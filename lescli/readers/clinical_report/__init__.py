"""The reports that clinical systems print: their header, layout, cells and dates."""
