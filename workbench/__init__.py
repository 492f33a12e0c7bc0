"""What judges the product and makes its networks. The product never imports it."""
