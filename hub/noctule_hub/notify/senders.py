"""One message to one channel, whatever its kind; every failure comes out as an outcome without secrets."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final, assert_never

import msgspec
from noctule_shared.errors import Refused

from noctule_hub.auth.keys import Keys, SecretKind
from noctule_hub.config import HubConfig
from noctule_hub.core.notifying.channels import Apprise, Channel, Secret, Smtp, Webhook
from noctule_hub.core.notifying.deliveries import MAX_OUTCOME_CHARS, Outcome
from noctule_hub.core.notifying.messages import Message
from noctule_hub.core.notifying.plain_text import inert
from noctule_hub.errors import SealError, SendError
from noctule_hub.notify import webhook
from noctule_hub.notify.apprise_process import AppriseSender
from noctule_hub.notify.mail import Mailer
from noctule_hub.store.channels import Channels

# So many messages are on their way at once, to whatever channels.
MAX_AT_ONCE: Final = 8

logger = logging.getLogger(__name__)


class Senders:
    """Opens a channel's secret for the one message and sends it; bounded in what goes on at once."""

    def __init__(self, store: Channels, keys: Keys, config: HubConfig, clock_ms: Callable[[], int]) -> None:
        self._store = store
        self._keys = keys
        self._config = config
        self._clock_ms = clock_ms
        self._mailer = Mailer()
        self._apprise = AppriseSender()
        self._places = asyncio.Semaphore(MAX_AT_ONCE)

    async def send(self, channel: Channel, message: Message) -> Outcome:
        """Send a message and return what became of it. Raises `StoreError`."""
        async with self._places:
            try:
                secret = await self._secret(channel.id)
                return Outcome(
                    delivered=True, text=inert(await self._send(channel, secret, message), MAX_OUTCOME_CHARS)
                )
            except (SendError, SealError, Refused) as error:
                text = error.message if isinstance(error, Refused) else str(error)
                told = inert(text, MAX_OUTCOME_CHARS)
                if not isinstance(error, SendError):
                    return Outcome(delivered=False, text=told)
                wait_ms = None if error.retry_after_s is None else round(error.retry_after_s * 1000)
                return Outcome(delivered=False, text=told, permanent=error.permanent, retry_after_ms=wait_ms)
            except (ValueError, TypeError, LookupError, RuntimeError, OSError) as error:
                # A bug, ours or a library's. Its text is not told: it may hold the channel's URL.
                logger.error("channel %d: sending failed by %s", channel.id, type(error).__name__)  # noqa: TRY400  no secrets
                return Outcome(delivered=False, text=f"sending failed ({type(error).__name__})")

    async def _send(self, channel: Channel, secret: Secret, message: Message) -> str:
        allowed = self._config.settings.notify.allow_networks
        match channel.fields.target:
            case Webhook():
                return await webhook.post(secret, message, allowed, now_ms=self._clock_ms())
            case Smtp() as smtp:
                return await self._mailer.send(smtp, secret, message, allowed)
            case Apprise():
                return await self._apprise.send(secret, message, allowed)
            case _ as never:
                assert_never(never)

    async def _secret(self, channel_id: int) -> Secret:
        sealed = await self._store.channel_secret(channel_id)
        return msgspec.json.decode(self._keys.open(channel_id, sealed, kind=SecretKind.CHANNEL), type=Secret)

    def close(self) -> None:
        """Take nothing more."""
        self._mailer.close()
