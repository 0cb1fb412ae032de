// Fields of the admin without a name of their own get one: search boxes (select2) that of their label, the boxes that
// delete a row that of their column.
{
  const name = (select) => document.querySelector(`label[for="${select.id}"]`)?.textContent.replace(/:$/, '').trim()
    || select.closest('td')?.className.replace(/^field-/, '')
  const mend = () => document.querySelectorAll('select.admin-autocomplete').forEach((select) => {
    const box = select.nextElementSibling?.querySelector('[role=combobox]')
    if (!box || !name(select)) return
    const chosen = box.querySelector('.select2-selection__rendered')
    for (const part of [box, chosen, box.querySelector('input')]) part?.setAttribute('aria-label', name(select))
  })
  document.querySelectorAll('.tabular td.delete input[type=checkbox]').forEach((box) => {
    box.setAttribute('aria-label', [...box.closest('table').tHead.rows[0].cells].at(-1).textContent.trim())
  })
  addEventListener('load', () => { mend(); document.addEventListener('formset:added', () => setTimeout(mend)) })
}
