"""Official documents (văn bản): the centre's and the unit's own."""
