/* 属地 in two steps: the second offers what lies in the city that was chosen in the first. Without this script it offers
   all, by city, and the server looks whether the two agree. */
(() => {
  const box = document.querySelector("[data-region]");
  const [city, region] = box.querySelectorAll("select");
  const none = region.options[0];
  const groups = [...region.querySelectorAll("optgroup")];
  function narrow() {
    const chosen = region.value;
    const whole = city.value === box.dataset.region;
    region.replaceChildren(none, ...groups.filter((group) => group.dataset.city === city.value));
    region.value = [...region.options].some((option) => option.value === chosen) ? chosen : "";
    region.disabled = whole || !city.value;
  }
  city.addEventListener("change", narrow);
  narrow();
})();
