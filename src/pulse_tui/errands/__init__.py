"""Errands: commands of this program that run beside the reader as processes of their own.

What comes from the network is read by them alone; here only their reports are.
"""
