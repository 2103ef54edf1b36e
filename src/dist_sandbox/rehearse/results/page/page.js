"use strict";
// Only for comfort: everything can be read without it.
const folds = () => document.querySelectorAll("#runs ~ .run details");
for (const [id, open] of [["unfold", true], ["fold", false]]) {
  document.getElementById(id).addEventListener("click", () => folds().forEach((fold) => { fold.open = open; }));
}
document.querySelector(".comfort").hidden = false;
addEventListener("beforeprint", () => document.querySelectorAll("details.job").forEach((fold) => { fold.open = true; }));
