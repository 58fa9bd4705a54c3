"""Inputs that nobody should send, by the hundred thousand: the worker neither dies nor stalls, and counts each one."""
