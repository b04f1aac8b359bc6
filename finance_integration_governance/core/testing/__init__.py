"""Test classes that a connector inherits: a sample and three lines prove that it keeps the interface."""
