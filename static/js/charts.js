// Charts fed from tables: <div data-chart="bar|line|stack" data-from="id of a table">. No table, no chart.
// Tooltips are built from nodes with classes: the default tooltip carries style attributes, which the CSP drops.
{
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
  const number = (text) => (text === '' || text === '–' ? null : Number(text.replace(/[^\d.-]/g, '')))

  function readTable(table) {
    const head = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim())
    const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim()))
    return { labels: rows.map((row) => row[0]), series: head.slice(1).map((name, i) => ({ name, data: rows.map((row) => number(row[i + 1])) })) }
  }

  function tooltip(unit) {
    return {
      trigger: 'axis', backgroundColor: token('--bar-bg'), borderWidth: 0, padding: [6, 10], textStyle: { color: token('--bar-ink'), fontSize: 12 },
      axisPointer: { type: 'shadow', shadowStyle: { color: token('--ink'), opacity: 0.05 } },
      formatter(items) {
        const box = Object.assign(document.createElement('div'), { className: 'tip-c' })
        box.append(items[0].axisValueLabel)
        items.filter((item) => item.value !== null && item.value !== undefined).forEach((item) => {
          box.append(Object.assign(document.createElement('div'), { textContent: `${item.seriesName} ${Number(item.value).toLocaleString()}${unit}` }))
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

  function options(figure) {
    const kind = figure.dataset.chart
    const { labels, series } = readTable(document.getElementById(figure.dataset.from))
    const text = { color: token('--ink-3'), fontSize: 12, fontFamily: token('--font') }
    return {
      animation: false, textStyle: { fontFamily: token('--font') }, tooltip: tooltip(figure.dataset.unit || ''),
      color: (figure.dataset.tones || 'info,neutral,warn,danger,ok').split(',').map((tone) => token(`--${tone}-mark`)),
      grid: { left: 8, right: kind === 'line' ? 24 : 12, top: 22, bottom: 4, containLabel: true },
      xAxis: { type: 'category', data: labels, axisLine: { lineStyle: { color: token('--line-strong') } }, axisTick: { show: false }, axisLabel: text, boundaryGap: kind !== 'line' },
      yAxis: { type: 'value', splitNumber: 3, axisLabel: text, splitLine: { lineStyle: { color: token('--line') } } },
      series: series.map((one, i) => ({
        name: one.name, data: one.data, type: kind === 'line' ? 'line' : 'bar', stack: kind === 'stack' ? 'all' : undefined, barMaxWidth: 28,
        showSymbol: false, lineStyle: { width: 2, type: i === 1 ? 'dashed' : 'solid' }, itemStyle: { borderRadius: kind === 'bar' ? 2 : 0 },
        markLine: i === 0 && figure.dataset.limit ? limitLine(figure) : undefined,
      })),
    }
  }

  function draw(figure) {
    const chart = echarts.init(figure, null, { renderer: 'svg' })
    chart.setOption(options(figure))
    addEventListener('resize', () => chart.resize())
    document.addEventListener('theme', () => chart.setOption(options(figure), true))
  }

  const drawAll = (part) => part.querySelectorAll('[data-chart]').forEach(draw)
  if (window.echarts) {
    drawAll(document)
    document.addEventListener('htmx:load', (event) => { if (event.target !== document.body) drawAll(event.target) })
  }
}
