"""A device that holds passkeys, in software, and can be made to lie; no browser needed."""

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

PRESENT = AuthenticatorData.FLAG.UP
VERIFIED = PRESENT | AuthenticatorData.FLAG.UV


@dataclass
class Device:
    """One key pair; `lies` of a call replace what an honest device would say."""

    host: str = "localhost"
    origin: str = "http://localhost"
    counter: int = 0
    handle: str = ""
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def make(self, options: str, **lies: Any) -> str:
        """Answer what the page of a new passkey asks."""
        asked = json.loads(options)
        self.handle = asked["user"]["id"]
        public = AttestedCredentialData.create(
            Aaguid.NONE, self.id, ES256.from_cryptography_key(self.key.public_key())
        )
        flags = lies.get("flags", VERIFIED) | AuthenticatorData.FLAG.AT
        host = sha256(lies.get("host", self.host).encode())
        data = AuthenticatorData.create(host, flags, self.counter, public)
        attestation = AttestationObject.create("none", data, {})
        return self._answer(
            clientDataJSON=self._client_data("webauthn.create", asked, lies),
            attestationObject=bytes(attestation),
        )

    def sign(self, options: str, **lies: Any) -> str:
        """Answer what the sign-in page asks."""
        self.counter += lies.get("step", 1)
        host = sha256(lies.get("host", self.host).encode())
        data = AuthenticatorData.create(host, lies.get("flags", VERIFIED), self.counter)
        client = self._client_data(lies.get("kind", "webauthn.get"), json.loads(options), lies)
        key = lies.get("key", self.key)
        signature = key.sign(data + sha256(client), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=client,
            authenticatorData=bytes(data),
            signature=signature,
            userHandle=websafe_decode(lies.get("handle", self.handle)),
        )

    def _client_data(self, kind: str, asked: dict[str, Any], lies: dict[str, Any]) -> bytes:
        challenge = lies.get("challenge", asked["challenge"])
        origin = lies.get("origin", self.origin)
        return bytes(CollectedClientData.create(kind, challenge, origin))

    def _answer(self, **response: bytes) -> str:
        written = {name: websafe_encode(value) for name, value in response.items()}
        shown = websafe_encode(self.id)
        return json.dumps({"id": shown, "rawId": shown, "type": "public-key", "response": written})
