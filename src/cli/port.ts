/** Where `planewright serve` listens unless told otherwise, and where links of reports lead. */
export const PORT = 7600;
