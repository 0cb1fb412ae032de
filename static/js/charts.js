// Charts fed from tables: <div data-chart="bar|line|stack" data-from="id of a table">. No table, no chart.
// Tooltips are built from nodes with classes: the default tooltip carries style attributes, which the CSP drops.
{
  const page = document.documentElement
  const PAPER_WIDTH = 660 // pixels that fit a printed A4 page
  const token = (name) => getComputedStyle(page).getPropertyValue(name).trim()
  const number = (text) => (text === '' || text === '–' ? null : Number(text.replace(/[^\d.-]/g, '')))
  const tonesOf = (figure) => (figure.dataset.tones || 'info,neutral,warn,danger,ok').split(',')

  // First column: what stands under the axis (data-short where the cell is too long for it); the others: one series each.
  function readTable(table) {
    const head = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim())
    const rows = [...table.tBodies[0].rows]
    const words = rows.map((row) => row.cells[0].textContent.trim())
    const labels = rows.map((row, i) => row.cells[0].dataset.short || words[i])
    return { rows, words, labels, series: head.slice(1).map((name, i) => ({ name, data: rows.map((row) => number(row.cells[i + 1].textContent.trim())) })) }
  }

  function tooltip(unit, words) {
    return {
      trigger: 'axis', confine: true, backgroundColor: token('--bar-bg'), borderWidth: 0, padding: [6, 10], textStyle: { color: token('--bar-ink'), fontSize: 12 },
      axisPointer: { type: 'shadow', shadowStyle: { color: token('--ink'), opacity: 0.05 } },
      formatter(items) {
        const box = Object.assign(document.createElement('div'), { className: 'tip-c' })
        box.append(words[items[0].dataIndex])
        items.filter((item) => item.value !== null && item.value !== undefined).forEach((item) => {
          box.append(Object.assign(document.createElement('div'), { textContent: `${item.seriesName} ${Number(item.value).toLocaleString(page.lang)}${unit}` }))
        })
        return box
      },
    }
  }

  function limitLine(figure) {
    return {
      symbol: 'none', silent: true, lineStyle: { color: token('--danger-mark'), type: 'dashed' }, data: [{ yAxis: Number(figure.dataset.limit) }],
      label: { formatter: figure.dataset.limitLabel, position: 'insideEndTop', color: token('--danger'), fontSize: 12 },
    }
  }

  function options(figure, { words, labels, series }) {
    const kind = figure.dataset.chart
    const limit = Number(figure.dataset.limit || 0)
    const text = { color: token('--ink-3'), fontSize: 12, fontFamily: token('--font') }
    return {
      animation: false, textStyle: { fontFamily: token('--font') }, tooltip: tooltip(figure.dataset.unit || '', words),
      color: tonesOf(figure).map((tone) => token(`--${tone}-mark`)),
      grid: { left: 8, right: kind === 'line' ? 24 : 12, top: 22, bottom: 4, containLabel: true },
      xAxis: { type: 'category', data: labels, axisLine: { lineStyle: { color: token('--line-strong') } }, axisTick: { show: false }, axisLabel: { ...text, hideOverlap: true }, boundaryGap: kind !== 'line' },
      yAxis: { type: 'value', minInterval: 1, splitNumber: 3, max: limit ? (found) => Math.ceil(Math.max(found.max, limit)) : undefined, axisLabel: text, splitLine: { lineStyle: { color: token('--line') } } },
      series: series.map((one, i) => ({
        name: one.name, data: one.data, type: kind === 'line' ? 'line' : 'bar', stack: kind === 'stack' ? 'all' : undefined, barMaxWidth: 28,
        showSymbol: false, lineStyle: { width: 2, type: i === 1 ? 'dashed' : 'solid' }, itemStyle: { borderRadius: kind === 'bar' ? 2 : 0 },
        markLine: i === 0 && limit ? limitLine(figure) : undefined,
      })),
    }
  }

  // What the colours mean, where there is more than one; the words are the heads of the table.
  function keys(figure, series) {
    if (series.length < 2) return
    const line = Object.assign(document.createElement('p'), { className: 'keys' })
    line.setAttribute('aria-hidden', 'true')
    series.forEach((one, i) => {
      const key = Object.assign(document.createElement('span'), { className: `t-${tonesOf(figure)[i]}` })
      key.append(document.createElement('i'), one.name)
      line.append(key)
    })
    figure.after(line)
  }

  // A bar leads where the number in its table leads.
  const follow = (rows) => (item) => (rows[item.dataIndex].cells[item.seriesIndex + 1].querySelector('a') ?? rows[item.dataIndex].querySelector('a'))?.click()

  function draw(figure) {
    const table = document.getElementById(figure.dataset.from)
    if (!table) return
    const shown = readTable(table)
    const chart = echarts.init(figure, null, { renderer: 'svg', locale: page.lang.startsWith('zh') ? 'ZH' : 'EN' })
    const paint = () => chart.setOption(options(figure, shown), true)
    paint()
    keys(figure, shown.series)
    figure.parentElement.querySelector('[data-chart-table]').open = false // open until now, for readers without script
    chart.on('click', follow(shown.rows))
    new ResizeObserver(() => chart.resize()).observe(figure)
    document.addEventListener('theme', paint)
    addEventListener('beforeprint', () => { paint(); chart.resize({ width: Math.min(PAPER_WIDTH, figure.clientWidth) }) })
    addEventListener('afterprint', () => { paint(); chart.resize({ width: 'auto' }) })
  }

  const drawAll = (part) => part.querySelectorAll('[data-chart]').forEach(draw)
  if (window.echarts) {
    drawAll(document)
    document.addEventListener('htmx:load', (event) => { if (event.target !== document.body) drawAll(event.target) })
  } else {
    document.querySelectorAll('[data-chart]').forEach((figure) => { figure.hidden = true }) // the table stays open
  }
}
