// The case page says every half minute that it is still open, and shows who else has it open and what they changed.
// Only while somebody is at it: a page left alone falls silent, so that it keeps nobody signed in.
{
  const EVERY = 30_000
  const AT_IT = 5 * 60_000
  let touched = Date.now()
  for (const kind of ['pointerdown', 'keydown', 'scroll', 'visibilitychange']) addEventListener(kind, () => { touched = Date.now() }, { passive: true, capture: true })

  async function beat() {
    const box = document.querySelector('[data-presence]')
    if (!box || document.hidden || Date.now() - touched > AT_IT) return
    const token = JSON.parse(document.body.getAttribute('hx-headers') ?? '{}')
    try {
      const answer = await fetch(box.dataset.presence, { method: 'POST', headers: token, credentials: 'same-origin', redirect: 'error' })
      if (!answer.ok) return
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('[data-presence]')
      if (fresh && fresh.textContent.trim() !== box.textContent.trim()) box.replaceWith(fresh)
    } catch { /* no connection, or signed out: the next step says so */ }
  }
  setInterval(beat, EVERY)
}
