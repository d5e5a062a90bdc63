"""A second implementation of Keystone's attestation, for the tests: RFC 8032 with SHA3-512, RFC 5869, in integers.

  oracle.py verify REPORT DEVICE-KEY      prints the enclave's hash and the data, in hexadecimal; exit 1 when it is not valid
  oracle.py report IMAGE HASH DATA        prints the report that a monitor with this image makes on the test device
  oracle.py seal IMAGE HASH NAME          prints its sealing key
  oracle.py measure LOADER RUNTIME EAPP   prints the measurement
HASH, DATA, NAME and DEVICE-KEY are hexadecimal.
"""
import hashlib
import hmac
import sys

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
TEST_DEVICE = bytes.fromhex(
    "40a099478ccefa3a0663abc95e7a1ec954b4f5f645bad804db13e7d7826c7073"
    "576a9ab62160d9d1c6aedc29852fb960ee5132835a1689ec06a8723451aa0e4a")


def sha(*parts):
    return hashlib.sha3_512(b"".join(parts)).digest()


def add(a, b):
    """Affine addition, RFC 8032 section 5.1.4's formulas before they were made projective."""
    (x1, y1), (x2, y2) = a, b
    t = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + t, -1, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - t, -1, P)
    return x % P, y % P


def multiply(point, scalar):
    result = (0, 1)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def encode(point):
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def decode(data):
    number = int.from_bytes(data, "little")
    y, sign = number & (1 << 255) - 1, number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square:
        return None
    return (P - x if x & 1 != sign else x), y


BASE = decode(bytes.fromhex("58" + "66" * 31))


def scalar(*parts):
    return int.from_bytes(sha(*parts), "little") % L


def public(secret):
    return encode(multiply(BASE, int.from_bytes(secret[:32], "little")))


def sign(secret, message):
    r = scalar(secret[32:], message)
    commitment = encode(multiply(BASE, r))
    s = (scalar(commitment, public(secret), message) * int.from_bytes(secret[:32], "little") + r) % L
    return commitment + s.to_bytes(32, "little")


def verify(key, message, signature):
    point = decode(key)
    if point is None:
        return False
    left = multiply(BASE, int.from_bytes(signature[32:], "little"))
    commitment = decode(signature[:32])
    return commitment is not None and left == add(commitment, multiply(point, scalar(signature[:32], key, message)))


def monitor(image):
    """Hash and secret key of a monitor on the test device."""
    with open(image, "rb") as file:
        identity = sha(file.read().ljust(0x1FF000, b"\0"))
    secret = bytearray(sha(sha(TEST_DEVICE, identity)[:32]))
    secret[0] &= 0xF8
    secret[31] = secret[31] & 0x3F | 0x40
    return identity, bytes(secret)


def report(image, enclave, data):
    identity, secret = monitor(image)
    signed = enclave + len(data).to_bytes(8, "little") + data
    certified = identity + public(secret)
    return (signed.ljust(1096, b"\0") + sign(secret, signed) + certified + sign(TEST_DEVICE, certified) + public(TEST_DEVICE))


def check(path, device):
    with open(path, "rb") as file:
        r = file.read()[:1352]
    size = int.from_bytes(r[64:72], "little")
    if r[1320:] != device or size > 1024 or any(r[72 + size:1096]):
        return None
    if not verify(device, r[1160:1256], r[1256:1320]) or not verify(r[1224:1256], r[:72 + size], r[1096:1160]):
        return None
    return r[:64].hex() + " " + r[72:72 + size].hex()


def seal(image, enclave, name):
    _, secret = monitor(image)
    key = hmac.new(bytes(64), secret, hashlib.sha3_512).digest()
    first = hmac.new(key, enclave + name + b"\1", hashlib.sha3_512).digest()
    second = hmac.new(key, first + enclave + name + b"\2", hashlib.sha3_512).digest()
    return first + second + sign(secret, first + second)


def measure(paths):
    files = []
    for path in paths:
        with open(path, "rb") as file:
            data = file.read()
        files.append(data.ljust(-(-len(data) // 4096) * 4096, b"\0"))
    return sha(*(len(file).to_bytes(8, "little") for file in files), *files)


def main(command, *words):
    if command == "verify":
        answer = check(words[0], bytes.fromhex(words[1]))
        print(answer or "not valid")
        return answer is None
    if command == "measure":
        print(measure(words).hex())
    else:
        make = {"report": report, "seal": seal}[command]
        print(make(words[0], bytes.fromhex(words[1]), bytes.fromhex(words[2])).hex())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
