"""Packets and log lines that data planes send up."""
