// What forms do in the browser: count characters, keep drafts, warn before a loss, take files by drop and paste.
{
  const words = document.getElementById('words')?.dataset ?? {}
  const FRESH_DAYS = 14
  const DRAFT = 'draft:'

  // Characters, one for each sign a person sees as one (code points; a line break counts as one).
  function count(place) {
    const field = document.getElementById(place.dataset.countFor)
    if (!field) return
    const limit = Number(place.dataset.max || field.getAttribute('maxlength') || 0)
    const show = () => {
      const n = [...field.value].length
      place.textContent = limit ? `${n.toLocaleString()} / ${limit.toLocaleString()}` : n.toLocaleString()
      place.classList.toggle('is-over', limit > 0 && n > limit)
    }
    field.addEventListener('input', show)
    show()
  }

  // Leaving a form with changes that were not sent.
  const texts = (form) => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value instanceof File ? `${value.name}:${value.size}` : value]))
  function guard(form) {
    let before = texts(form)
    let sending = false
    form.addEventListener('submit', () => { sending = true })
    form.addEventListener('htmx:afterRequest', (event) => { sending = false; if (event.detail.successful) before = texts(form) })
    addEventListener('beforeunload', (event) => { if (!sending && form.isConnected && texts(form) !== before) event.preventDefault() })
  }

  // Drafts live in this browser until the form was sent and a page came back. Key: what it is and whose it is.
  const store = { get: (key) => { try { return JSON.parse(localStorage.getItem(key)) } catch { return null } }, put: (key, value) => { try { localStorage.setItem(key, JSON.stringify(value)) } catch { /* full or forbidden: no draft */ } } }
  const drafts = () => { try { return Object.keys(localStorage).filter((key) => key.startsWith(DRAFT)) } catch { return [] } }
  const kept = (form) => [...form.elements].filter((field) => field.name && field.matches('textarea, select, input') && !field.matches('[type=hidden], [type=password], [type=file], [type=submit], [data-no-draft]'))
  const valueOf = (field) => (field.matches('[type=checkbox], [type=radio]') ? field.checked : field.value)
  function put(field, value) {
    if (field.matches('[type=checkbox], [type=radio]')) field.checked = value
    else field.value = value
    field.dispatchEvent(new Event('input', { bubbles: true }))
  }
  const snapshot = (form) => kept(form).map((field, place) => [`${field.name}#${place}`, valueOf(field)])

  function draft(form) {
    const key = DRAFT + form.dataset.draftKey
    const old = store.get(key)
    const now = JSON.stringify(snapshot(form))
    let timer = 0
    const keep = () => { clearTimeout(timer); timer = setTimeout(() => store.put(key, { at: Date.now(), values: snapshot(form) }), 400) }
    if (old && JSON.stringify(old.values) === now) localStorage.removeItem(key)
    else if (old) offer(form, old, key, JSON.parse(now))
    form.addEventListener('input', keep)
    form.addEventListener('submit', () => { clearTimeout(timer); try { sessionStorage.setItem('sent', key) } catch { /* then the draft is offered once more */ } })
  }
  function offer(form, old, key, was) {
    const values = new Map(old.values)
    kept(form).forEach((field, place) => { if (values.has(`${field.name}#${place}`)) put(field, values.get(`${field.name}#${place}`)) })
    const note = Object.assign(document.createElement('div'), { className: 'note t-info draft-note' })
    const time = new Date(old.at).toLocaleString(document.documentElement.lang, { month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    const drop = Object.assign(document.createElement('button'), { type: 'button', className: 'link-btn', textContent: words.discard })
    note.setAttribute('role', 'status')
    note.append(words.draft.replace('{time}', time), drop)
    form.prepend(note)
    drop.addEventListener('click', () => {
      const first = new Map(was)
      kept(form).forEach((field, place) => put(field, first.get(`${field.name}#${place}`)))
      setTimeout(() => { localStorage.removeItem(key) }, 500) // after the save that putting the values back has started
      note.remove()
    })
  }
  // A draft that was sent goes when the next page has come, unless that page is an error or the way back to the form.
  function settle() {
    let sent = null
    try { sent = sessionStorage.getItem('sent'); sessionStorage.removeItem('sent') } catch { return }
    const isBack = performance.getEntriesByType('navigation')[0]?.type === 'back_forward'
    if (sent && !isBack && document.body.dataset.page !== 'error') localStorage.removeItem(sent)
    drafts().forEach((key) => { if (Date.now() - (store.get(key)?.at ?? 0) > FRESH_DAYS * 864e5) localStorage.removeItem(key) })
  }
  document.addEventListener('submit', (event) => {
    if (!('logout' in event.target.dataset) || drafts().length === 0) return
    if (confirm(words.draftsKept)) drafts().forEach((key) => localStorage.removeItem(key))
    else event.preventDefault()
  })

  // Files: dropped, pasted or chosen; too large ones are named and left out before they travel.
  const size = (n) => (n < 1024 * 1024 ? `${Math.ceil(n / 1024)} KB` : `${(n / 1024 / 1024).toFixed(1)} MB`)
  const limitOf = (zone) => Number(zone.dataset.maxBytes || Infinity)
  function list(zone, input, refused) {
    const place = zone.querySelector('[data-drop-list]')
    place.replaceChildren()
    const row = (text, bad) => {
      const item = document.createElement('li')
      const chip = Object.assign(document.createElement('span'), { className: bad ? 'filechip is-bad' : 'filechip' })
      chip.append(Object.assign(document.createElement('span'), { className: 'name', textContent: text }))
      item.append(chip)
      place.append(item)
      return chip
    }
    ;[...input.files].forEach((file, n) => {
      const chip = row(`${file.name} ${size(file.size)}`)
      const away = Object.assign(document.createElement('button'), { type: 'button', className: 'top-btn', textContent: '×' })
      away.setAttribute('aria-label', words.remove.replace('{name}', file.name))
      away.addEventListener('click', () => set(zone, input, [...input.files].filter((one, m) => m !== n)))
      chip.append(away)
    })
    refused.forEach((file) => row(words.tooLarge.replace('{name}', file.name).replace('{size}', size(file.size)), true))
  }
  const isSame = (one) => (other) => one.name === other.name && one.size === other.size && one.lastModified === other.lastModified
  function set(zone, input, files) {
    const once = files.filter((file, n) => files.findIndex(isSame(file)) === n)
    const good = once.filter((file) => file.size <= limitOf(zone))
    const bag = new DataTransfer()
    ;(input.multiple ? good : good.slice(-1)).forEach((file) => bag.items.add(file))
    input.files = bag.files
    zone.chosen = [...input.files]
    list(zone, input, once.filter((file) => file.size > limitOf(zone)))
  }
  function drop(zone) {
    const input = zone.querySelector('input[type=file]')
    zone.chosen = [...input.files]
    zone.take = (files) => set(zone, input, input.multiple ? [...zone.chosen, ...files] : files)
    input.addEventListener('change', () => zone.take([...input.files])) // choosing again adds; the browser alone would replace
    zone.addEventListener('dragover', (event) => { event.preventDefault(); zone.classList.add('is-over') })
    zone.addEventListener('dragleave', () => zone.classList.remove('is-over'))
    zone.addEventListener('drop', (event) => { event.preventDefault(); zone.classList.remove('is-over'); zone.take([...event.dataTransfer.files]) })
  }
  document.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])]
    const zone = event.target.closest?.('form')?.querySelector('[data-drop]') ?? document.querySelector('[data-drop]')
    if (files.length && zone?.take) { event.preventDefault(); zone.take(files) }
  })

  function ready(part) {
    const all = (selector, act) => part.querySelectorAll(selector).forEach(act)
    all('form[data-draft-key]', draft) // first: a restored draft is what the counters count and the guard compares with
    all('[data-count-for]', count)
    all('form[data-dirty]', guard)
    all('[data-drop]', drop)
  }
  settle()
  ready(document)
  document.addEventListener('htmx:load', (event) => { if (event.target !== document.body) ready(event.target) })
}
