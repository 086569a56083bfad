"use strict";
// Only adds comfort: without script the page has every finding, and its language switch is plain CSS.
(() => {
  const get = (id) => document.getElementById(id);

  const radios = [get("lang-da"), get("lang-en")];
  const speak = () => {
    const lang = radios.find((radio) => radio.checked).value;
    document.documentElement.lang = lang;
    // Neither title nor option can hold two elements with a language each.
    for (const element of document.querySelectorAll("[data-da]")) element.textContent = element.dataset[lang];
  };
  for (const radio of radios) radio.addEventListener("change", speak);
  // A browser may bring back the choice of an earlier visit after the script has run.
  window.addEventListener("pageshow", speak);
  speak();

  const filter = get("filter");
  if (!filter) return;
  const [file, severity, code] = [get("filter-file"), get("filter-severity"), get("filter-code")];
  const groups = [...document.querySelectorAll(".rule")].map((rule) => ({
    rule,
    entry: document.querySelector(`.index [data-code="${CSS.escape(rule.dataset.code)}"]`),
    findings: [...rule.querySelectorAll(".finding")].map((item) => ({
      item,
      file: item.querySelector(".file").textContent.toLowerCase(),
    })),
  }));
  get("filter-total").textContent = groups.reduce((sum, group) => sum + group.findings.length, 0);

  const apply = () => {
    const part = file.value.trim().toLowerCase();
    let shown = 0;
    for (const { rule, entry, findings } of groups) {
      const wanted =
        (!severity.value || rule.dataset.severity === severity.value) && (!code.value || rule.dataset.code === code.value);
      let here = 0;
      for (const finding of findings) {
        finding.item.hidden = !finding.file.includes(part);
        if (!finding.item.hidden) here += 1;
      }
      rule.hidden = entry.hidden = !wanted || (part !== "" && here === 0);
      if (wanted) shown += here;
    }
    get("filter-shown").textContent = shown;
    filter.classList.toggle("used", Boolean(part || severity.value || code.value));
  };
  for (const control of [file, severity, code]) control.addEventListener("input", apply);
  window.addEventListener("pageshow", apply);
  filter.hidden = false;
  apply();
})();
