"""Measuring the answers: question sets, measures, reports."""
