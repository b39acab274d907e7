/** What waits for the disk: a power cut can't be played, so the tests look at who waits. */

/** Records each `sync` and `syncData` of every file from now on, until it is disposed of. */
export function recordSyncs(): Disposable & { readonly calls: string[] } {
  const { prototype } = Deno.FsFile;
  const { sync, syncData } = prototype;
  const calls: string[] = [];
  prototype.sync = function () {
    calls.push("sync");
    return sync.call(this);
  };
  prototype.syncData = function () {
    calls.push("syncData");
    return syncData.call(this);
  };
  return { calls, [Symbol.dispose]: () => void Object.assign(prototype, { sync, syncData }) };
}
