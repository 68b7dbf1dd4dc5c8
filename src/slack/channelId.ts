const ID = /^[CGD][A-Z0-9]{5,}$/;

/** Whether a channel is given by its id (`C0123ABCD`) and not by its name. */
export function isChannelId(channel: string): boolean {
  return ID.test(channel);
}
