"""Measurements on the real site. Each says on what data; none of them is a test."""
