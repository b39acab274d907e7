/**
 * What a relay opens a connection with, before Socket.IO begins: Engine.IO's first packet.
 *
 * @module
 */

/** The longest heartbeat that a relay may ask for, in milliseconds: a damaged one might never notice a loss. */
const LONGEST_HEARTBEAT = 600_000;

/** Whether this text opens a connection: JSON with the members that Engine.IO's protocol 4 gives it. */
export function isOpening(text: unknown): boolean {
  let members: Record<string, unknown>;
  try {
    members = JSON.parse(String(text)) ?? {};
  } catch {
    return false;
  }
  const { sid, upgrades, pingInterval, pingTimeout } = members;
  return typeof sid === "string" && Array.isArray(upgrades) &&
    [pingInterval, pingTimeout].every(isHeartbeat);
}

function isHeartbeat(value: unknown): boolean {
  return typeof value === "number" && value > 0 && value <= LONGEST_HEARTBEAT;
}
