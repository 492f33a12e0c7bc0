// Gives style elements that scripts make the document's nonce; not a module, so that it runs at once.
//
// Dash's bundles put styles into the document. The content policy lets those in that carry the nonce,
// which no markup that somebody has smuggled in can know.
(() => {
  const nonce = document.currentScript?.nonce ?? "";
  const create = document.createElement.bind(document);

  /**
   * @param {string} name
   * @param {ElementCreationOptions} [options]
   */
  function createElement(name, options) {
    const element = create(name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  }

  document.createElement = /** @type {typeof document.createElement} */ (createElement);
})();
