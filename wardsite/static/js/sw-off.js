// The unit has switched off reading without a network: clear what was kept, then leave.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("wardsite-")) await caches.delete(name);
    }
    await self.registration.unregister();
  })());
});
