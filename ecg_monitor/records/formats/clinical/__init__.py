"""Formats of electrocardiographs, Holter recorders and hospital archives."""
