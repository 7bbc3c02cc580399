import { once } from "node:events";
import type { Socket } from "node:net";

/**
 * Opens a SOCKS5 connection on a socket to the proxy; the proxy resolves the host's name.
 * https://www.rfc-editor.org/rfc/rfc1928
 *
 * @throws Error if the proxy refuses it.
 */
export async function openSocks(
  socket: Socket,
  { username, password }: URL,
  host: string,
  port: number,
): Promise<Socket> {
  try {
    await once(socket, "connect");
    const hasPassword = username !== "" || password !== "";
    socket.write(Buffer.from(hasPassword ? [5, 2, 0, 2] : [5, 1, 0]));
    const [, method] = await read(socket, 2);
    if (method === 2) {
      const user = Buffer.from(decodeURIComponent(username));
      const secret = Buffer.from(decodeURIComponent(password));
      socket.write(Buffer.from([1, user.length, ...user, secret.length, ...secret]));
      const [, refused] = await read(socket, 2);
      if (refused !== 0) throw new Error("refuses the user or the password");
    } else if (method !== 0) {
      throw new Error("requires another kind of authentication");
    }
    const name = Buffer.from(host);
    socket.write(Buffer.from([5, 1, 0, 3, name.length, ...name, port >> 8, port & 255]));
    const [, status, , kind] = await read(socket, 4);
    if (status !== 0) throw new Error(`can't reach ${host}:${port} (SOCKS status ${status})`);
    // The proxy's address, which is not used.
    const length = kind === 1 ? 4 : kind === 4 ? 16 : (await read(socket, 1))[0];
    await read(socket, (length ?? 0) + 2);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Reads exactly that many bytes; later ones stay in the socket. */
async function read(socket: Socket, length: number): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read(length) as Buffer | null;
    if (bytes?.length === length) return bytes;
    if (socket.readableEnded || socket.destroyed) throw new Error("closed the connection");
    await Promise.race([once(socket, "readable"), once(socket, "close")]);
  }
}
