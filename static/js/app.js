// What pages do in the browser beyond links and forms. Nothing here is needed to read or to change anything:
// every control that only works with script carries .js-only. Words come from <template id="words">, never from here.
{
  const page = document.documentElement
  const words = document.getElementById('words')?.dataset ?? {}
  const on = (kind, selector, act) => document.addEventListener(kind, (event) => {
    const control = event.target.closest?.(selector)
    if (control) act(control, event)
  })

  // Toasts: what went well goes away by itself, unless it offers something or the pointer or the focus is on it.
  const toasts = () => document.querySelector('[data-toasts]') ?? document.body
  function arm(toast) {
    const button = Object.assign(document.createElement('button'), { type: 'button', className: 'top-btn', textContent: '×' })
    button.setAttribute('aria-label', words.close)
    button.addEventListener('click', () => toast.remove())
    toast.append(button)
    if (toast.querySelector('a, form')) return
    const leave = () => (toast.matches(':hover, :focus-within') ? setTimeout(leave, 3000) : toast.remove())
    setTimeout(leave, 8000)
  }
  function say(text) {
    const toast = Object.assign(document.createElement('div'), { className: 'toast-x' })
    toast.append(Object.assign(document.createElement('span'), { textContent: text }))
    toasts().append(toast)
    arm(toast)
  }

  // Theme
  on('click', '[data-theme-toggle]', () => {
    page.dataset.bsTheme = page.dataset.bsTheme === 'dark' ? 'light' : 'dark'
    try { localStorage.setItem('theme', page.dataset.bsTheme) } catch { /* not remembered, still switched */ }
    document.dispatchEvent(new Event('theme'))
  })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', (event) => {
    let chosen = null
    try { chosen = localStorage.getItem('theme') } catch { /* then the system decides */ }
    if (!chosen) { page.dataset.bsTheme = event.matches ? 'dark' : 'light'; document.dispatchEvent(new Event('theme')) }
  })

  // Dialogs: a control with data-open shows <dialog id>; without script (or such a dialog) its link leads to a page.
  const show = (id) => { const dialog = id && document.getElementById(id); if (dialog?.showModal) { dialog.showModal(); return true } return false }
  on('click', '[data-open]', (control, event) => { if (show(control.dataset.open)) event.preventDefault() })
  on('click', '[data-close]', (control) => control.closest('dialog')?.close())
  on('click', '[data-back]', () => history.back())
  on('click', '[data-print]', () => print())

  // One question before a form is sent: <form data-confirm="…">. What cannot be undone has a <c-confirm> page instead.
  function ask(question, act) {
    const dialog = Object.assign(document.createElement('dialog'), { className: 'sheet-box' })
    const part = (kind, className, text) => Object.assign(document.createElement(kind), { className, textContent: text })
    const [body, foot] = [part('div', 'dlg-body', ''), part('div', 'dlg-foot', '')]
    const [yes, no] = [part('button', 'btn btn-primary', words.yes), part('button', 'btn', words.no)]
    const title = part('h2', '', question || words.sure)
    title.id = 'asked'
    dialog.setAttribute('aria-labelledby', 'asked')
    body.append(title)
    foot.append(yes, no)
    dialog.append(body, foot)
    document.body.append(dialog)
    yes.addEventListener('click', () => { dialog.close(); act() })
    no.addEventListener('click', () => dialog.close())
    dialog.addEventListener('close', () => dialog.remove())
    dialog.showModal()
  }
  document.addEventListener('submit', (event) => {
    const form = event.target
    if (!('confirm' in form.dataset) || form.dataset.asked) return
    event.preventDefault()
    event.stopImmediatePropagation()
    ask(form.dataset.confirm, () => { form.dataset.asked = '1'; form.requestSubmit(event.submitter ?? undefined); delete form.dataset.asked })
  }, true)

  // A button that waits for something says why beside itself; it must not act.
  document.addEventListener('click', (event) => { if (event.target.closest('[aria-disabled=true]')) event.preventDefault() }, true)

  // Menus close on Escape, on a click elsewhere, and when the focus goes on.
  for (const kind of ['click', 'focusin']) document.addEventListener(kind, (event) => {
    document.querySelectorAll('[data-menu][open]').forEach((menu) => { if (!menu.contains(event.target)) menu.open = false })
  })
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') document.querySelectorAll('[data-menu][open]').forEach((menu) => { menu.open = false; menu.querySelector('summary').focus() })
    const typing = event.target.closest?.('input, textarea, select, [contenteditable]')
    const wanted = (event.key === '/' && !typing) || (event.key === 'k' && (event.ctrlKey || event.metaKey))
    const search = wanted && document.querySelector('[data-search]')
    if (search) { event.preventDefault(); search.focus(); search.select() }
  })

  // Paper is white and has no folds: everything open and light while it is printed, as it was afterwards.
  let before = null
  addEventListener('beforeprint', () => {
    const folds = [...document.querySelectorAll('details:not([open], [data-menu], :has(form))')]
    before ??= { folds, theme: page.dataset.bsTheme }
    folds.forEach((fold) => { fold.open = true })
    page.dataset.bsTheme = 'light'
  })
  addEventListener('afterprint', () => {
    before?.folds.forEach((fold) => { fold.open = false })
    if (before) page.dataset.bsTheme = before.theme
    before = null
    document.dispatchEvent(new Event('theme'))
  })

  // Copy: text, the text of an element, or a picture (turned into PNG, the one kind clipboards take).
  async function asPng(address) {
    const picture = await createImageBitmap(await (await fetch(address, { credentials: 'same-origin' })).blob())
    const canvas = Object.assign(document.createElement('canvas'), { width: picture.width, height: picture.height })
    canvas.getContext('2d').drawImage(picture, 0, 0)
    return new Promise((done) => { canvas.toBlob(done, 'image/png') })
  }
  async function copy(button, put) {
    try {
      await put()
      const label = button.querySelector('[data-copy-label]')
      if (label) { label.dataset.was ??= label.textContent; label.textContent = words.copied; setTimeout(() => { label.textContent = label.dataset.was }, 2500) }
      button.dispatchEvent(new CustomEvent('copied', { bubbles: true }))
    } catch { say(words.copyFailed) }
  }
  const textOf = (id) => { const box = document.getElementById(id); return 'value' in box ? box.value : box.innerText }
  on('click', '[data-copy]', (button) => copy(button, () => navigator.clipboard.writeText(button.dataset.copy)))
  on('click', '[data-copy-from]', (button) => copy(button, () => navigator.clipboard.writeText(textOf(button.dataset.copyFrom))))
  on('click', '[data-copy-image]', (button) => copy(button, () => navigator.clipboard.write([new ClipboardItem({ 'image/png': asPng(button.dataset.copyImage) })])))

  // Bulk: <form data-bulk> with row boxes, [data-bulk-all], and a bar [data-bulk-bar] that appears with the first tick.
  function count(form) {
    const boxes = [...form.querySelectorAll('tbody input[type=checkbox]')]
    const ticked = boxes.filter((box) => box.checked)
    boxes.forEach((box) => box.closest('tr').classList.toggle('is-on', box.checked))
    form.querySelectorAll('[data-bulk-count]').forEach((place) => { place.textContent = words.selected.replace('{n}', ticked.length) })
    form.querySelectorAll('[data-bulk-bar]').forEach((bar) => bar.toggleAttribute('data-idle', ticked.length === 0))
    const all = form.querySelector('[data-bulk-all]')
    if (all) { all.checked = boxes.length > 0 && ticked.length === boxes.length; all.indeterminate = ticked.length > 0 && !all.checked }
  }
  on('change', '[data-bulk] input[type=checkbox]', (box) => {
    const form = box.closest('[data-bulk]')
    if ('bulkAll' in box.dataset) form.querySelectorAll('tbody input[type=checkbox]').forEach((one) => { one.checked = box.checked })
    count(form)
  })
  on('click', '[data-bulk-none]', (button) => { const form = button.closest('[data-bulk]'); form.querySelectorAll('input[type=checkbox]').forEach((one) => { one.checked = false }); count(form) })

  // No connection at all: said once, for as long as it lasts.
  let offline = null
  addEventListener('offline', () => {
    offline ??= Object.assign(document.createElement('div'), { className: 'toast-x', textContent: words.noNet })
    toasts().append(offline)
  })
  addEventListener('online', () => { offline?.remove(); offline = null })

  // Parts of pages (htmx): say in words when one did not come.
  document.addEventListener('htmx:sendError', () => say(words.offline))
  document.addEventListener('htmx:responseError', () => say(words.failed))

  // Done for the page once, and for every part that htmx puts in later.
  function ready(part) {
    part.querySelectorAll('[data-bulk]').forEach(count)
    part.querySelectorAll('[data-toast]').forEach(arm)
    // A table that fits needs no tab stop of its own.
    part.querySelectorAll('[data-scroll]').forEach((box) => { if (box.scrollWidth <= box.clientWidth) box.removeAttribute('tabindex') })
  }
  document.querySelector('.side [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  ready(document)
  document.addEventListener('htmx:load', (event) => { if (event.target !== document.body) ready(event.target) })
  show(new URLSearchParams(location.search).get('open'))
}
