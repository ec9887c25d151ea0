"""Sends alerts to notification channels: webhooks, mail, and the services that Apprise knows."""
