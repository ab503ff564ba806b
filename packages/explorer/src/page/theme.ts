export const themes = ["auto", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const key = "adjoint.theme";

/** What was chosen before; a page in a file may be kept from remembering. */
export function rememberedTheme(): Theme {
  try {
    return themes.find((one) => one === localStorage.getItem(key)) ?? "auto";
  } catch {
    return "auto";
  }
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(key, theme);
  } catch {
    // The choice holds for this page alone.
  }
}
