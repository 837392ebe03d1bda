import { createHash, createHmac, randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";

/** As much of RADIUS as a test needs: one PAP login from this machine, answered by its code. */
const ACCESS_REQUEST = 1;
const USER_NAME = 1;
const USER_PASSWORD = 2;
const CALLING_STATION_ID = 31;
const NAS_IDENTIFIER = 32;
const MESSAGE_AUTHENTICATOR = 80;
const BLOCK = 16;
const HEADER = 20;
const PATIENCE = 5_000;

export const ACCEPT = 2;
export const REJECT = 3;

export async function login({ server, secret, username, password, mac }) {
  const authenticator = randomBytes(BLOCK);
  const attributes = Buffer.concat([
    attribute(MESSAGE_AUTHENTICATOR, Buffer.alloc(BLOCK)),
    attribute(USER_NAME, Buffer.from(username)),
    attribute(USER_PASSWORD, hidden(password, secret, authenticator)),
    attribute(CALLING_STATION_ID, Buffer.from(mac)),
    attribute(NAS_IDENTIFIER, Buffer.from("e2e")),
  ]);
  const packet = Buffer.alloc(HEADER + attributes.length);
  packet.writeUInt8(ACCESS_REQUEST, 0);
  packet.writeUInt8(randomBytes(1)[0], 1);
  packet.writeUInt16BE(packet.length, 2);
  authenticator.copy(packet, 4);
  attributes.copy(packet, HEADER);
  createHmac("md5", secret)
    .update(packet)
    .digest()
    .copy(packet, HEADER + 2);
  return (await ask(server, packet)).readUInt8(0);
}

function attribute(type, value) {
  return Buffer.concat([Buffer.from([type, value.length + 2]), value]);
}

/** The password in blocks, each hidden by what stands before it (RFC 2865, 5.2). */
function hidden(password, secret, authenticator) {
  const plain = Buffer.from(password);
  const padded = Buffer.alloc(Math.max(BLOCK, Math.ceil(plain.length / BLOCK) * BLOCK));
  plain.copy(padded);
  let before = authenticator;
  for (let at = 0; at < padded.length; at += BLOCK) {
    const mask = createHash("md5").update(secret).update(before).digest();
    for (let byte = 0; byte < BLOCK; byte += 1) padded[at + byte] ^= mask[byte];
    before = padded.subarray(at, at + BLOCK);
  }
  return padded;
}

async function ask(server, packet) {
  const [host, port] = server.split(":");
  const socket = createSocket("udp4");
  try {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("RADIUS does not answer")), PATIENCE);
      socket.on("message", (message) => {
        clearTimeout(timer);
        resolve(message);
      });
      socket.on("error", reject);
      socket.send(packet, Number(port), host);
    });
  } finally {
    socket.close();
  }
}
