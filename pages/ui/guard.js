// A link of the menu that is opened in another tab, or whose address is copied, carries the book as a click does.
// The menu's own addresses are bare: what is on show is put into one just before it is used.
(() => {
if (window.addressOfLinks) return;
window.addressOfLinks = true;
const CARRIED = ["portfolio", "as_of", "snapshot", "scenario", "horizon", "currency", "funds"];

for (const kind of ["pointerdown", "focusin", "contextmenu"]) {
  document.addEventListener(kind, ({ target }) => {
    const link = target.closest?.('[data-testid="stTopNavLink"], [data-testid="stSidebarNavLink"], [data-testid="stPageLink-NavLink"]');
    if (!link?.href || new URL(link.href).origin !== location.origin) return;
    const shown = new URLSearchParams(location.search), asked = new URLSearchParams();
    for (const key of CARRIED) if (shown.has(key)) asked.set(key, shown.get(key));
    link.search = asked.toString();
  }, true);
}
})();
