// Runs before the first paint, so that a dark page does not flash white. Also tells the style sheet that scripts run.
{
  const page = document.documentElement
  let remembered = null
  try { remembered = localStorage.getItem('theme') } catch { /* a browser that forbids storage follows the system */ }
  const asked = new URLSearchParams(location.search).get('theme')
  const wanted = [asked, remembered].find((one) => one === 'dark' || one === 'light')
  page.dataset.bsTheme = wanted || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')
  page.classList.add('js')
}
