// Forms as a browser without scripts sends them, from the page's own markup.
const entities = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
const plain = (text) => text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (entity) => entities[entity]);
const attribute = (tag, name) => plain(new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? '');

/// The forms of a page: where each goes, and its fields with what stands in them.
export function formsOf(page) {
  return [...page.matchAll(/<form ([^>]*)>(.*?)<\/form>/gs)].map(([, head, body]) => {
    const fields = new Map();
    for (const [tag] of body.matchAll(/<input [^>]*>/g)) fields.set(attribute(tag, 'name'), attribute(tag, 'value'));
    for (const [, tag, text] of body.matchAll(/<textarea ([^>]*)>(.*?)<\/textarea>/gs)) fields.set(attribute(` ${tag}`, 'name'), plain(text));
    for (const [, tag, options] of body.matchAll(/<select ([^>]*)>(.*?)<\/select>/gs)) {
      const chosen = /<option value="([^"]*)" selected>/.exec(options) ?? /<option value="([^"]*)">/.exec(options);
      fields.set(attribute(` ${tag}`, 'name'), plain(chosen?.[1] ?? ''));
    }
    return { action: attribute(` ${head}`, 'action'), fields };
  });
}

/// Fills a form in and sends it as the browser would; every field that is filled must be there. The answer is not
/// followed.
export function send(form, origin, filled, headers = {}) {
  for (const name of Object.keys(filled)) {
    if (!form.fields.has(name) && name !== 'word') throw new Error(`the form has no field ${name}: ${[...form.fields.keys()]}`);
  }
  const body = new URLSearchParams({ ...Object.fromEntries(form.fields), ...filled });
  return fetch(origin + form.action, { method: 'POST', body, redirect: 'manual', headers: { 'Sec-Fetch-Site': 'same-origin', ...headers } });
}

/// The form of a page by which that response is given; nothing if it is not asked.
export const answerForm = (page, response) => formsOf(page).find((form) => form.fields.get('response') === response);
