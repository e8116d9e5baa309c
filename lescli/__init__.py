"""Runs a GP practice's Local Enhanced Services: registers, recalls, claims and reports, with one plugin a service."""

__version__ = "0.1.0"
