"""Feedback from residents (phản ánh, kiến nghị): received, answered in time, then forgotten."""
