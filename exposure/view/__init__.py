"""Results as JSON, as text and as rows, without Streamlit or Plotly: command line and pages share them."""
