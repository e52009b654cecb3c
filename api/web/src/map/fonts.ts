/** Fonts of the machine for names on the map: nothing is loaded from anywhere. */
export const NAMES = ['Segoe UI Semibold', 'Roboto', 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', 'Arial', 'sans-serif'];
