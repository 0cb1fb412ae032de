// A chosen screenshot stands beside the fields that are typed from it. Drawn here, sent only with the form.
(() => {
  'use strict'
  const draw = async (input, canvas) => {
    const file = input.files?.[0]
    if (!file || !file.type.startsWith('image/')) { canvas.classList.add('visually-hidden'); return }
    const picture = await createImageBitmap(file)
    canvas.width = picture.width
    canvas.height = picture.height
    canvas.getContext('2d').drawImage(picture, 0, 0)
    canvas.classList.remove('visually-hidden')
    picture.close()
  }
  for (const canvas of document.querySelectorAll('[data-picture-of]')) {
    const input = document.getElementById(canvas.dataset.pictureOf)
    input?.addEventListener('change', () => draw(input, canvas).catch(() => canvas.classList.add('visually-hidden')))
  }
})()
